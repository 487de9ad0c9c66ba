// Package crashes holds the campaign of crashes: the runner, the tasks and the stores on a simulated database and
// clock, from seeds of one integer. Runs are killed at each of their commands, and their commands are lost, repeated,
// late, refused, slow, or answered in vain, while an application writes and a second run begins; or files come and go
// on a real disk. The safety rules are checked at each step. The package has tests only. docs/safety.md says how to
// repeat and extend them.
package crashes
