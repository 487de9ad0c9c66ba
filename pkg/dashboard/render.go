package dashboard

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"

	"ucorefs.io/maintenance/pkg/dashboard/chart"
	"ucorefs.io/maintenance/pkg/dashboard/view"
)

//go:embed assets templates
var files embed.FS

// pages are the templates by the name of their page: each is the frame, the parts that several share, and its own.
var pages = parsePages("list", "schedule", "run", "restore", "new", "import", "problem", "namespaces")

var functions = template.FuncMap{
	"shape":   func(state any) template.HTML { return chart.Shape(fmt.Sprint(state)) },
	"shapes":  chart.Shapes,
	"strip":   chart.Strip,
	"history": chart.History,
	"day":     chart.Day,
	"class":   view.Class,
}

func parsePages(names ...string) map[string]*template.Template {
	shared := template.Must(template.New("frame").Funcs(functions).ParseFS(files, "templates/frame.html",
		"templates/parts.html"))
	all := map[string]*template.Template{}
	for _, name := range names {
		own := template.Must(shared.Clone())
		all[name] = template.Must(own.ParseFS(files, "templates/"+name+".html"))
	}
	return all
}

// page is what the frame shows around the body.
type page struct {
	Title  string
	Notice string // what was just done
	Events string // the address of the events that keep it up to date; empty: none
	Body   any

	Visitor, Version, Namespace string
	Logout                      bool
	List                        bool // it is the list itself
}

// render writes a whole page, or an error where the template is wrong: never half a page.
func (d *dashboard) render(v *visit, w http.ResponseWriter, status int, name string, p page) {
	p.Visitor, p.Version, p.Namespace, p.Logout, p.List = v.Name, d.Version, d.Namespace, d.Options.Logout, name == "list"
	var out bytes.Buffer
	if err := pages[name].ExecuteTemplate(&out, "frame", p); err != nil {
		d.Log.Error("a template failed", "page", name, "error", err)
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = out.WriteTo(w) // who does not read it any more has gone
}

// part is one element of a page, as an event carries it.
func part(name, template string, data any) (string, error) {
	var out bytes.Buffer
	if err := pages[name].ExecuteTemplate(&out, template, data); err != nil {
		return "", fmt.Errorf("render %s: %w", template, err)
	}
	return out.String(), nil
}

// redirect sends the browser to a page of ours after a form was taken.
func redirect(w http.ResponseWriter, address string) error {
	w.Header().Set("Location", address)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}
