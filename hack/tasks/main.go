// Command tasks writes what pkg/jobspec declares of the tasks wherever it is shown: the Go types of the resource, of
// which controller-gen makes the CRD, and the tables in README.md and docs/tasks.
//
//	go run ./hack/tasks
//
// It runs in the root of the repository and adds no knowledge of its own. What is wrong in a file is wrong in the
// declaration that it was made of.
package main

import (
	"errors"
	"fmt"
	"os"

	"ucorefs.io/maintenance/pkg/jobspec"
)

func main() {
	if err := errors.Join(writeTypes("pkg/api/v1alpha1/zz_generated.tasks.go"), writeTables(jobspec.Tasks())); err != nil {
		fmt.Fprintln(os.Stderr, "tasks:", err)
		os.Exit(1)
	}
}
