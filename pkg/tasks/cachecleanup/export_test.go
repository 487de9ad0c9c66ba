package cachecleanup

// With is the task with a number of workers, and with room for so many files in memory.
var With = task
