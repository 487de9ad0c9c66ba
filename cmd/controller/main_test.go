package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"ucorefs.io/maintenance/internal/testing/clustertest"
)

// asController makes this test binary be the controller: a real process, with signals and ports.
const asController = "RUN_AS_CONTROLLER"

func TestMain(m *testing.M) {
	if os.Getenv(asController) != "" {
		main()
	}
	os.Exit(clustertest.Main(m))
}

func TestWrongFlagsAreRefusedWithAHint(t *testing.T) {
	tests := map[string]struct {
		args []string
		says string
	}{
		"no image":             {nil, "name the image of maint-job"},
		"an argument":          {[]string{"start"}, "takes flags only"},
		"an unknown flag":      {[]string{"--job-imge=x"}, "job-imge"},
		"an unknown log level": {[]string{"--job-image=x", "--log-level=loud"}, "write debug, info, warn or error"},
		"an unknown pull policy": {[]string{"--job-image=x", "--job-image-pull-policy=Sometimes"},
			"write Always, IfNotPresent or Never"},
		"runs as root":            {[]string{"--job-image=x", "--job-user=0"}, "never root"},
		"a user of eleven digits": {[]string{"--job-image=x", "--job-user=99999999999"}, "write ids from 1 to 2147483647"},
		"volumes' group too high": {[]string{"--job-image=x", "--job-fs-group=2147483648"}, "from 1 to 2147483647, or 0"},
		"a group above the limit": {[]string{"--job-image=x", "--job-group=2147483648"}, "write ids from 1 to 2147483647"},
		"volumes that are none":   {[]string{"--job-image=x", `--job-volumes=[{"claim":"photos"}]`}, "--job-volumes"},
		"resources that are none": {[]string{"--job-image=x", `--job-resources={"limits":{"memory":"much"}}`},
			"--job-resources"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var out, errOut bytes.Buffer
			if code := run(context.Background(), test.args, &out, &errOut); code != exitUsage {
				t.Errorf("it exited with %d", code)
			}
			if !strings.Contains(errOut.String(), test.says) || !strings.Contains(errOut.String(), "--help") {
				t.Errorf("it says %q, without %q", errOut.String(), test.says)
			}
		})
	}
}

func TestVersionIsPrintedAlone(t *testing.T) {
	var out, errOut bytes.Buffer
	if code := run(context.Background(), []string{"--version"}, &out, &errOut); code != exitOK || out.String() != version+
		"\n" || errOut.Len() > 0 {
		t.Errorf("exit %d, out %q, err %q", code, out.String(), errOut.String())
	}
}
