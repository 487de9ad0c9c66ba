// Package onmongodb tests the program on a MongoDB that somebody has: what fails on the server, a primary that steps
// down, and which plans the server chooses. Without such a server, the tests run on one in memory, which leaves out
// what it does not have. README.md says how to run them, and what was tried.
package onmongodb
