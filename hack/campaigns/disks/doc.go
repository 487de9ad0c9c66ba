// Package disks holds the campaign of disks: cleanup-orphaned-file-records on real file systems in hostile and in
// legitimate states, and the file tasks while each of their system calls fails. The package has tests only.
// docs/safety.md says how to repeat and extend them.
package disks
