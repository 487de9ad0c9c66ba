package dashboard

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"net/http"
	"strings"

	"ucorefs.io/maintenance/pkg/dashboard/view"
	"ucorefs.io/maintenance/pkg/kubectlmaint"
	"ucorefs.io/maintenance/pkg/manifests"
)

// importing is what the page about a config.json shows.
type importing struct {
	Namespace, TimeZone, Secret string
	Fixed, PlanOnly             bool
	Create                      Verdict
	Config                      string
	Problems                    []string // of the file, each with its path and what to write
	Schedules                   []imported
	Advice                      []string
	Ready                       bool // all of them would be applied
}

// imported is one schedule of the file.
type imported struct{ Name, YAML, Problem string }

func (d *dashboard) importForm(v *visit, w http.ResponseWriter, r *http.Request) error {
	i := &importing{Namespace: cmp.Or(d.Namespace, r.URL.Query().Get("namespace"), "default"), Fixed: d.Namespace != ""}
	return d.showImport(v, w, r, i, http.StatusOK)
}

func (d *dashboard) showImport(v *visit, w http.ResponseWriter, r *http.Request, i *importing, status int) error {
	i.Create = d.may(r.Context(), v, i.Namespace, createSchedules, changeSchedules)
	d.render(v, w, status, "import", page{Title: "Import a config.json", Body: i})
	return nil
}

// importConfig shows what a config.json becomes, as the API server has checked it, and applies it where that was asked
// for.
func (d *dashboard) importConfig(v *visit, w http.ResponseWriter, r *http.Request) error {
	config, err := configOf(r)
	if err != nil {
		return err
	}
	i := &importing{Namespace: strings.TrimSpace(r.PostFormValue("namespace")),
		TimeZone: strings.TrimSpace(r.PostFormValue("timeZone")),
		Secret:   strings.TrimSpace(r.PostFormValue("secret")), Fixed: d.Namespace != "",
		PlanOnly: r.PostFormValue("planOnly") == "true", Config: config}
	schedules, ok := i.convert(d)
	ok = ok && v.applyAll(r.Context(), i, schedules, true)
	switch {
	case !ok:
		return d.showImport(v, w, r, i, http.StatusUnprocessableEntity)
	case r.PostFormValue("do") != "apply":
		i.Ready = true
		return d.showImport(v, w, r, i, http.StatusOK)
	case !v.applyAll(r.Context(), i, schedules, false):
		return d.showImport(v, w, r, i, http.StatusConflict)
	}
	d.Log.Info("a config.json was applied", "namespace", i.Namespace, "schedules", len(schedules))
	return redirect(w, "/?done=imported")
}

// configOf is the file that was sent, or the text that was.
func configOf(r *http.Request) (string, error) {
	file, _, err := r.FormFile("file")
	if err != nil { // there is none: the form without a file is right, too
		if text := strings.TrimSpace(r.PostFormValue("config")); text != "" {
			return text, nil
		}
		return "", &notNow{"Choose a config.json first, or paste it."}
	}
	defer file.Close()
	text, err := io.ReadAll(file)
	if err != nil {
		return "", &notNow{"The file could not be read: " + err.Error()}
	}
	return cmp.Or(strings.TrimSpace(string(text)), strings.TrimSpace(r.PostFormValue("config"))), nil
}

func (i *importing) convert(d *dashboard) ([]manifests.Manifest, bool) {
	if !d.shows(i.Namespace) {
		i.Problems = []string{"namespace: write the name of a namespace that is shown here"}
		return nil, false
	}
	options := manifests.Options{Namespace: i.Namespace, TimeZone: i.TimeZone, DryRun: i.PlanOnly}
	options.Database.SecretName = i.Secret
	schedules, err := manifests.Convert([]byte(i.Config), options)
	if err != nil {
		for _, line := range strings.Split(err.Error(), "\n") {
			i.Problems = append(i.Problems, view.Text(line))
		}
	}
	for _, m := range schedules {
		var text bytes.Buffer
		if err := manifests.Write(&text, []manifests.Manifest{m}); err != nil {
			i.Problems = append(i.Problems, view.Text(err.Error()))
		}
		i.Schedules = append(i.Schedules, imported{Name: m.Metadata.Name, YAML: view.Redacted(text.String())})
	}
	return schedules, len(i.Problems) == 0
}

// applyAll goes on after a schedule that the API server does not take: what is wrong with the others is seen at once.
func (v *visit) applyAll(ctx context.Context, i *importing, schedules []manifests.Manifest, dryRun bool) bool {
	cluster, err := v.cluster(i.Namespace)
	if err != nil {
		i.Problems = append(i.Problems, view.Text(err.Error()))
		return false
	}
	ok := true
	for n, m := range schedules {
		if _, err := cluster.Apply(ctx, m, kubectlmaint.Applying{DryRun: dryRun}); err != nil {
			i.Schedules[n].Problem, ok = view.Text(err.Error()), false
		}
	}
	return ok
}
