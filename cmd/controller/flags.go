package main

import (
	"fmt"
	"io"
	"log/slog"
	"math"
	"slices"
	"strconv"

	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"ucorefs.io/maintenance/pkg/cronjob"
)

// options are what the flags say.
type options struct {
	version         bool
	logLevel        slog.Level
	metricsAddress  string
	metricsSecure   bool
	metricsCertDir  string
	probeAddress    string
	leaderElection  bool
	leaderNamespace string
	namespaces      []string // to watch; none: all
	settings        cronjob.Settings
}

// texts are flags whose value has to be understood first.
type texts struct{ logLevel, pullPolicy, volumes, resources string }

func parse(args []string, errOut io.Writer) (options, error) {
	var o options
	var t texts
	flags := pflag.NewFlagSet("controller", pflag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.SortFlags = false
	addFlags(flags, &o, &t)
	addJobFlags(flags, &o.settings, &t)
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("%q is not a flag: the controller takes flags only", flags.Arg(0))
	}
	if o.version {
		return o, nil
	}
	return o, o.understand(t)
}

func addFlags(flags *pflag.FlagSet, o *options, t *texts) {
	flags.BoolVar(&o.version, "version", false, "print the version and exit")
	flags.StringVar(&t.logLevel, "log-level", "info", "debug, info, warn or error")
	flags.StringVar(&o.metricsAddress, "metrics-bind-address", ":8080",
		"where Prometheus metrics are served; 0: nowhere")
	flags.BoolVar(&o.metricsSecure, "metrics-secure", false,
		"serve metrics over TLS, and only to clients that may get /metrics by the API server's rules")
	flags.StringVar(&o.metricsCertDir, "metrics-cert-dir", "",
		"the folder with tls.crt and tls.key for that; "+
			"both are read again when they change (default: a certificate made at the start)")
	flags.StringVar(&o.probeAddress, "health-probe-bind-address", ":8081",
		"where /healthz and /readyz are served; 0: nowhere")
	flags.BoolVar(&o.leaderElection, "leader-elect", false,
		"work only while holding a Lease, so that of several replicas one works")
	flags.StringVar(&o.leaderNamespace, "leader-election-namespace", "",
		"the namespace of the Lease (default: the pod's own)")
	flags.StringSliceVar(&o.namespaces, "watch-namespace", nil,
		"a namespace whose schedules to reconcile; repeatable (default: all)")
}

func addJobFlags(flags *pflag.FlagSet, s *cronjob.Settings, t *texts) {
	flags.StringVar(&s.Image, "job-image", "", "the image of maint-job (required)")
	flags.StringVar(&t.pullPolicy, "job-image-pull-policy", string(corev1.PullIfNotPresent),
		"Always, IfNotPresent or Never")
	flags.StringVar(&s.ServiceAccount, "job-service-account", "default",
		"the service account of the pods, in the schedule's namespace; it needs no rights")
	flags.StringVar(&s.LowPriorityClass, "job-low-priority-class", "",
		"the PriorityClass of schedules with priority Low")
	flags.StringVar(&s.NormalPriorityClass, "job-normal-priority-class", "",
		"the PriorityClass of schedules with priority Normal")
	flags.StringVar(&s.HighPriorityClass, "job-high-priority-class", "",
		"the PriorityClass of schedules with priority High")
	flags.StringVar(&s.LogLevel, "job-log-level", "info", "debug, info, warn or error, of the runs")
	flags.Int64Var(&s.User, "job-user", cronjob.NonRoot,
		"the user id of the runs, to suit the files on the claims; 1 to 2147483647")
	flags.Int64Var(&s.Group, "job-group", cronjob.NonRoot, "the group id of the runs; 1 to 2147483647")
	flags.Int64Var(&s.FSGroup, "job-fs-group", 0,
		"the group that volumes belong to which runs write to; 0: as they are")
	flags.BoolVar(&s.ClusterIDs, "job-ids-from-cluster", false,
		"leave the ids of the runs to the cluster, as OpenShift wants it; they are not root there either")
	flags.BoolFunc("job-host-users", "false: a user namespace for each pod of a run; true: "+
		"the node's (default: as the cluster has it)", func(value string) error {
		shared, err := strconv.ParseBool(value)
		s.HostUsers = &shared
		return err
	})
	flags.Int32Var(&s.ProgressPort, "job-progress-port", 8082,
		"the port on which the runs tell how far they are; 0: none")
	flags.StringVar(&s.Database.SecretName, "database-secret", "",
		"the Secret with the connection string, for schedules that name none")
	flags.StringVar(&s.Database.SecretKey, "database-secret-key", cronjob.DefaultSecretKey, "the key in it")
	flags.StringVar(&s.Database.Name, "database-name", "",
		"the database, for schedules that name none (default: the one that the connection string names)")
	flags.StringVar(&s.Database.TLSSecretName, "database-tls-secret", "",
		"the Secret with certificates that the connection string names, for schedules that name none")
	flags.StringVar(&s.Database.TokenAudience, "database-token-audience", "",
		"the audience of a token for MONGODB-OIDC, for schedules that name none")
	flags.StringVar(&s.Database.LibraryConfigMap, "database-library-config-map", "",
		"the ConfigMap whose library.yaml declares the library, "+
			"for schedules that name none (default: detected from the collections)")
	flags.StringVar(&t.volumes, "job-volumes", "[]", "volumes for schedules that have none, as spec.volumes in JSON")
	flags.StringVar(&t.resources, "job-resources", "{}",
		"CPU and memory for schedules that set none, as spec.job.resources in JSON")
}

func (o *options) understand(t texts) error {
	if err := o.logLevel.UnmarshalText([]byte(t.logLevel)); err != nil {
		return fmt.Errorf("--log-level %q: write debug, info, warn or error", t.logLevel)
	}
	if o.settings.Image == "" {
		return fmt.Errorf("--job-image is not set: name the image of maint-job")
	}
	o.settings.PullPolicy = corev1.PullPolicy(t.pullPolicy)
	if !slices.Contains([]corev1.PullPolicy{corev1.PullAlways, corev1.PullIfNotPresent, corev1.PullNever},
		o.settings.PullPolicy) {
		return fmt.Errorf("--job-image-pull-policy %q: write Always, IfNotPresent or Never", t.pullPolicy)
	}
	if user, group := o.settings.User, o.settings.Group; min(user, group) <= 0 || max(user, group) > math.MaxInt32 {
		return fmt.Errorf("--job-user %d, --job-group %d: the runs are never root, write ids from 1 to %d",
			user, group, math.MaxInt32)
	}
	if o.settings.FSGroup < 0 || o.settings.FSGroup > math.MaxInt32 {
		return fmt.Errorf("--job-fs-group %d: write the id of a group, from 1 to %d, or 0 for none", o.settings.FSGroup,
			math.MaxInt32)
	}
	if err := yaml.UnmarshalStrict([]byte(t.volumes), &o.settings.Volumes); err != nil {
		return fmt.Errorf("--job-volumes: %w", err)
	}
	if err := yaml.UnmarshalStrict([]byte(t.resources), &o.settings.Resources); err != nil {
		return fmt.Errorf("--job-resources: %w", err)
	}
	return nil
}
