package main

import "fmt"

// report is everything that was measured.
type report struct {
	results
	quarter results          // with a quarter of a processor
	memory  map[bool]float64 // of 100 secrets, in bytes, by whether HTTP/2 is spoken
	fleet   map[bool]*fleetResult
	size    int64 // in bytes
}

// tables returns all tables.
func (r *report) tables() []table {
	list := []table{r.times(), r.counts(), r.growth()}
	if r.quarter != nil {
		list = append(list, r.quarters())
	}
	return list
}

// times returns the table of the work that has budgets.
func (r *report) times() table {
	t := table{
		title: "Time and processor time, beside bare",
		head:  []string{"work", "HTTP/2: time", "processor time", "HTTP/1.1: time", "processor time"},
	}
	for _, row := range rows {
		var cells []cell
		for _, http2 := range protocols {
			w := row.work.over(http2)
			wall, cpu, measured := r.of(nameAzinject, w).beside(r.of(row.other, w))
			if b := row.budget(http2); measured && b != none {
				cells = append(cells, within(wall, b.wall, ""), within(cpu, b.cpu, ""))
			} else {
				cells = append(cells, cell{}, cell{})
			}
		}
		t.add(row.name, cells...)
	}
	return t
}

// quarters returns the table of starts with a quarter of a processor.
func (r *report) quarters() table {
	t := table{
		title: "Time with a quarter of a processor, " + plural(quarterSecrets, "secret"),
		head:  []string{"", "HTTP/2", "HTTP/1.1"},
	}
	var bare, whole []cell
	for _, http2 := range protocols {
		w := oneVault(quarterSecrets).over(http2)
		limited := r.quarter.of(nameAzinject, w)
		bare = append(bare, ratio(limited, r.quarter.of(nameBare, w)))
		whole = append(whole, ratio(limited, r.of(nameAzinject, w)))
	}
	t.add("beside bare, with a quarter too", bare...)
	t.add("beside azinject without this limit", whole...)
	return t
}

// growth returns the table of times by number of secrets.
func (r *report) growth() table {
	t := table{
		title: "Time by number of secrets in one vault, and that of the SDKs over HTTP/1.1",
		head:  []string{"secrets", "HTTP/2: beside bare", "beside 1 secret", "HTTP/1.1: beside bare", "beside 1 secret", "Go SDK beside azinject", "Python SDK beside azinject"},
	}
	for _, n := range sizes(false) {
		var cells []cell
		for _, http2 := range protocols {
			w := oneVault(n).over(http2)
			own := r.of(nameAzinject, w)
			cells = append(cells, ratio(own, r.of(nameBare, w)), ratio(own, r.of(nameAzinject, oneVault(1).over(http2))))
		}
		w := oneVault(n)
		for _, client := range []string{nameGo, namePython} {
			cells = append(cells, ratio(r.of(client, w), r.of(nameAzinject, w)))
		}
		if cells[0] != (cell{}) {
			t.add(fmt.Sprint(n), cells...)
		}
	}
	return t
}

// ratio returns a cell with the times of one result as a multiple of another's,
// which is empty if either is missing.
func ratio(r, other *result) cell {
	wall, _, ok := r.beside(other)
	if !ok {
		return cell{}
	}
	return figure(wall, "")
}
