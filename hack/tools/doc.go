// Package tools holds the tests of the scripts in this folder. What they build and install is in the folders below.
package tools
