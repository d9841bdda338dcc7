package main

import (
	"bytes"
	"cmp"
	"image/color"
	"os"
	"path/filepath"
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
	green  = color.RGBA{0x2e, 0x9e, 0x5b, 0xff}
	orange = color.RGBA{0xc7, 0x6a, 0x15, 0xff}
	purple = color.RGBA{0xa2, 0x5d, 0xdc, 0xff}
)

// sans is the only font.
var sans = font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(11)}

// curve is a program's time by number of secrets.
type curve struct {
	label   string // none for what is measured beside azinject
	program string
	http2   bool
	color   color.Color
	lift    vg.Length // of the label, to keep it apart from another
}

var curves = []curve{
	{"", nameBare, true, blue, 0},
	{"azinject, HTTP/2", nameAzinject, true, blue, 0},
	{"", nameBare, false, green, 0},
	{"azinject, HTTP/1.1", nameAzinject, false, green, 0},
	{"Azure SDK for Go", nameGo, false, orange, vg.Points(-4)},
	{"Azure SDK for Python", namePython, false, purple, vg.Points(4)},
}

// drawChart draws the times by number of secrets into the folder's startup.svg. It
// draws nothing if there are none.
func drawChart(folder string, measured results) error {
	p := newPlot()
	drawn := false
	for _, c := range curves {
		if points := c.points(measured); len(points) > 1 {
			drawn = true
			if err := c.add(p, points); err != nil {
				return err
			}
		}
	}
	if !drawn {
		return nil
	}
	canvas := vgsvg.New(chartWidth, chartHeight)
	p.Draw(draw.Crop(draw.New(canvas), margin, -margin, margin, -margin))
	var svg bytes.Buffer
	if _, err := canvas.WriteTo(&svg); err != nil {
		return err
	}
	// Name alternatives for readers without this font.
	named := bytes.ReplaceAll(svg.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;"))
	return os.WriteFile(filepath.Join(folder, "startup.svg"), named, 0o666)
}

const (
	chartWidth  = 18 * vg.Centimeter
	chartHeight = 10 * vg.Centimeter
	margin      = .3 * vg.Centimeter
)

// points returns the curve's points, in seconds.
func (c curve) points(measured results) plotter.XYs {
	var points plotter.XYs
	for _, n := range sizes(false) {
		if r := measured.of(c.program, oneVault(n).over(c.http2)); r != nil {
			points = append(points, plotter.XY{X: float64(n), Y: r.wall.Seconds()})
		}
	}
	return points
}

// newPlot returns an empty plot with logarithmic scales.
func newPlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil // that of the page
	p.Title.Text = "From container start to server start (round trip 10 ms, token 50 ms)"
	p.X.Label.Text = "secrets in one vault; dashed: the least Go program that does the same"
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker = axisTicks(map[float64]string{1: "1", 10: "10", 20: "20", 50: "50", 100: "100", 200: "200", 500: "500", 1000: "1000"})
	p.Y.Tick.Marker = axisTicks(map[float64]string{.05: "50 ms", .1: "0.1 s", .2: "0.2 s", .5: "0.5 s", 1: "1 s", 2: "2 s", 5: "5 s"})
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 1, 5500, .04, 6
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
func (c curve) add(p *plot.Plot, points plotter.XYs) error {
	drawn, err := plotter.NewLine(points)
	if err != nil {
		return err
	}
	drawn.Color, drawn.Width = c.color, vg.Points(2)
	p.Add(drawn)
	if c.label == "" {
		drawn.Dashes = []vg.Length{vg.Points(5), vg.Points(4)}
		return nil
	}
	label, err := plotter.NewLabels(plotter.XYLabels{XYs: points[len(points)-1:], Labels: []string{c.label}})
	if err != nil {
		return err
	}
	label.Offset = vg.Point{X: vg.Points(5), Y: c.lift}
	style := &label.TextStyle[0]
	style.Color, style.Font, style.YAlign = c.color, sans, text.YCenter
	p.Add(label)
	return nil
}
