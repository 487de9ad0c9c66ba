// Package swaps holds the campaign of swaps: folders and files are exchanged for symbolic links to places outside, as
// fast as the kernel can, while the file tasks work. The package has tests only. docs/safety.md says how to repeat and
// extend them.
package swaps
