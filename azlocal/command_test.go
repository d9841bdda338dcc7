package main

import "testing"

func TestVersion(t *testing.T) {
	if got := azlocal(t, nil, "--version"); got != (result{0, "azlocal devel\n", ""}) {
		t.Errorf("azlocal = %+v", got)
	}
}
