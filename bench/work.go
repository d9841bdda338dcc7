package main

// row is work with budgets, as multiples of another program's times.
type row struct {
	name         string
	work         workload
	other        string // the other program
	http2, http1 budget
}

// budget is what a program may take, as multiples of another program's time and
// processor time.
type budget struct{ wall, cpu float64 }

// rows are the work that azinject has budgets for.
var rows = []row{
	{"no reference, beside an empty program", workload{}, nameEmpty, budget{1.8, 1.8}, none},
	{"1 secret", oneVault(1), nameBare, budget{1.12, 1.5}, budget{1.12, 1.5}},
	{"20 secrets in one vault", oneVault(20), nameBare, budget{1.12, 1.5}, budget{1.15, 1.4}},
	{"100 secrets in one vault", oneVault(100), nameBare, budget{1.2, 1.6}, budget{1.2, 1.4}},
	{"20 secrets in each of 3 vaults and 5 connections", severalStores, nameBare, budget{1.2, 1.6}, budget{1.25, 1.4}},
}

var severalStores = workload{vaults: 3, secrets: 20, connections: 5}

// none is where there is no budget.
var none budget

// budget returns the row's budget over a protocol.
func (r row) budget(http2 bool) budget {
	if http2 {
		return r.http2
	}
	return r.http1
}

// protocols are whether HTTP/2 is spoken. Resource Manager does, Key Vault has been
// seen with both, and proxies may allow HTTP/1.1 only.
var protocols = []bool{true, false}

// sizes returns the numbers of secrets in one vault that show how the cost grows.
func sizes(quick bool) []int {
	if quick {
		return []int{1, 20, 100, 1000}
	}
	return []int{1, 10, 20, 50, 100, 200, 500, 1000}
}

// workloads returns everything that is measured.
func workloads(quick bool) []workload {
	list := []workload{{}}
	for _, http2 := range protocols {
		for _, n := range sizes(quick) {
			list = append(list, oneVault(n).over(http2))
		}
		list = append(list, severalStores.over(http2))
	}
	return list
}
