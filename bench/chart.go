package main

import (
	"bytes"
	"cmp"
	"image/color"
	"os"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// These colours are visible on white and on dark pages. The file has no
// background.
var (
	grey   = color.RGBA{0x7d, 0x7d, 0x7d, 0xff}
	blue   = color.RGBA{0x2f, 0x81, 0xe8, 0xff}
	orange = color.RGBA{0xc7, 0x6a, 0x15, 0xff}
	purple = color.RGBA{0xa2, 0x5d, 0xdc, 0xff}
)

// sans is the only font.
var sans = font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(11)}

// curve is the time by number of secrets.
type curve struct {
	label  string
	color  color.Color
	dashed bool
	lift   vg.Length   // of the label, to keep it apart from another curve's
	points plotter.XYs // seconds
}

// drawChart draws the results for one vault at the usual distance. It draws
// nothing if there are none.
func drawChart(name string, results []result) error {
	curves := curvesOf(results)
	if len(curves) == 0 {
		return nil
	}
	p := newPlot()
	for _, c := range curves {
		if err := c.add(p); err != nil {
			return err
		}
	}
	canvas := vgsvg.New(chartWidth, chartHeight)
	p.Draw(draw.Crop(draw.New(canvas), margin, -margin, margin, -margin))
	var svg bytes.Buffer
	if _, err := canvas.WriteTo(&svg); err != nil {
		return err
	}
	// Name alternatives for readers without this font.
	named := bytes.ReplaceAll(svg.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;"))
	return os.WriteFile(name, named, 0o666)
}

const (
	chartWidth  = 18 * vg.Centimeter
	chartHeight = 10 * vg.Centimeter
	margin      = .3 * vg.Centimeter
)

// curvesOf returns the floor and one curve for each program.
func curvesOf(results []result) []curve {
	floor := &curve{label: "floor", color: grey, dashed: true}
	byProgram := map[string]*curve{
		nameAzinject: {label: nameAzinject, color: blue},
		nameNaive:    {label: "naive Go client", color: orange, lift: vg.Points(-6)},
		namePython:   {label: "Azure SDK for Python", color: purple, lift: vg.Points(6)},
	}
	for _, r := range results {
		c := byProgram[r.Program]
		if c == nil || r.of.workload != oneVault(r.Secrets, usual) || r.Secrets == 0 {
			continue
		}
		c.points = append(c.points, plotter.XY{X: float64(r.Secrets), Y: r.Median.seconds()})
		if r.Program == nameAzinject {
			floor.points = append(floor.points, plotter.XY{X: float64(r.Secrets), Y: r.Floor.seconds()})
		}
	}
	var curves []curve
	for _, c := range []*curve{floor, byProgram[nameAzinject], byProgram[nameNaive], byProgram[namePython]} {
		if len(c.points) > 1 {
			curves = append(curves, *c)
		}
	}
	return curves
}

// newPlot returns an empty plot with a logarithmic scale of times.
func newPlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil // that of the page
	p.Title.Text = "From container start to server start (round trip 10 ms, token 50 ms, HTTP/1.1)"
	p.X.Label.Text = "secrets in one vault"
	p.Y.Scale = plot.LogScale{}
	p.X.Tick.Marker = axisTicks(map[float64]string{1: "1", 20: "20", 50: "50", 100: "100", 150: "150", 200: "200"})
	p.Y.Tick.Marker = axisTicks(map[float64]string{.05: "50 ms", .1: "0.1 s", .2: "0.2 s", .5: "0.5 s", 1: "1 s", 2: "2 s", 5: "5 s"})
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 275, .04, 6
	for _, style := range []*text.Style{&p.Title.TextStyle, &p.X.Label.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label} {
		style.Color, style.Font = grey, sans
	}
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.LineStyle.Color, axis.Tick.LineStyle.Color = grey, grey
	}
	return p
}

func axisTicks(labels map[float64]string) plot.ConstantTicks {
	var ticks plot.ConstantTicks
	for at, label := range labels {
		ticks = append(ticks, plot.Tick{Value: at, Label: label})
	}
	slices.SortFunc(ticks, func(a, b plot.Tick) int { return cmp.Compare(a.Value, b.Value) })
	return ticks
}

// add adds the curve to the plot, with its label at the end.
func (c curve) add(p *plot.Plot) error {
	line, err := plotter.NewLine(c.points)
	if err != nil {
		return err
	}
	line.Color, line.Width = c.color, vg.Points(2)
	if c.dashed {
		line.Dashes = []vg.Length{vg.Points(5), vg.Points(4)}
	}
	last := c.points[len(c.points)-1]
	label, err := plotter.NewLabels(plotter.XYLabels{XYs: plotter.XYs{last}, Labels: []string{c.label}})
	if err != nil {
		return err
	}
	label.Offset = vg.Point{X: vg.Points(5), Y: c.lift}
	style := &label.TextStyle[0]
	style.Color, style.Font, style.YAlign = c.color, sans, text.YCenter
	p.Add(line, label)
	return nil
}
