// Package alerts holds the tests of the chart's alert rules and of its dashboard's queries, with Prometheus' own parser
// and engine. The rules are those that the chart renders.
package alerts
