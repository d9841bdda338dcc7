package main

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// table is printed in Markdown.
type table struct {
	title string
	head  []string
	lines []line
}

type line struct {
	name  string
	cells []cell
}

func (t *table) add(name string, cells ...cell) { t.lines = append(t.lines, line{name, cells}) }

// write writes the table, with budgets if it is for developers.
func (t *table) write(w io.Writer, budgets bool) {
	fmt.Fprintf(w, "%s:\n\n| %s |\n|%s\n", t.title, strings.Join(t.head, " | "), strings.Repeat("---|", len(t.head)))
	for _, l := range t.lines {
		fmt.Fprintf(w, "| %s |", l.name)
		for _, c := range l.cells {
			fmt.Fprintf(w, " %s |", c.text(budgets))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w)
}

// cell is a figure, with its budget if it has one. The zero value is empty.
type cell struct {
	figure, budget string
	missed         bool
}

// figure returns a cell without a budget.
func figure(value float64, unit string) cell { return cell{figure: number(value) + unit} }

// within returns a cell whose value must not exceed the budget. The value that
// counts is the one that is printed.
func within(value, budget float64, unit string) cell {
	return cell{number(value) + unit, number(budget) + unit, math.Round(value*100) > math.Round(budget*100)}
}

func (c cell) text(budgets bool) string {
	switch {
	case !budgets || c.budget == "":
		return c.figure
	case c.missed:
		return c.figure + " MISSES " + c.budget
	}
	return c.figure + " meets " + c.budget
}

// number returns x with two decimals, or with none if they are zeros.
func number(x float64) string { return strings.TrimSuffix(fmt.Sprintf("%.2f", x), ".00") }
