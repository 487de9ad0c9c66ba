package jobspec

// LogRotation is a task's name.
const LogRotation = "log-rotation"

// LogRotationParameters are the task's settings.
type LogRotationParameters struct {
	MaxLogFiles     int
	MaxLogSizeMB    float64
	CompressLogs    bool
	CompressZstd    bool
	LogCopyTruncate bool
}

func logRotation() Task {
	return Task{
		Name: LogRotation, Aliases: []string{"log_rotation"},
		Access:   Deletes,
		Summary:  "rotate large logs and delete old ones",
		Interval: "hourly",
		Folders:  []string{"log-dir"}, NeedsFolder: true,
		Counts: []string{"filesRotated", "filesDeleted", "filesCompressed", "bytesFreed"},
		Parameters: []Parameter{{
			Flag: "max-log-size-mb", Field: "maxSize", ConfigKey: "max_log_size_mb",
			Default: "100", Unit: MiB, Most: maxMegabytes,
			Words: "the size above which a log is rotated",
			Value: func(o *Options) any { return &o.MaxLogSizeMB },
		}, {
			Flag: "max-log-files", Field: "maxFiles", ConfigKey: "max_log_files",
			Default: "10", Least: 1,
			Words: "how many rotated generations of each log are kept, " +
				"and how many whole log files whose names differ " +
				"only in a time, such as app_2026-01-31.log",
			Value: func(o *Options) any { return &o.MaxLogFiles },
		}, {
			Flag: "compress-logs", Field: "compress",
			Words: "compress rotated generations, with gzip unless zstd is chosen",
			Value: func(o *Options) any { return &o.CompressLogs },
		}, {
			Flag: "compress-zstd", Field: "zstd",
			Words: "compress with zstd instead of gzip, where generations are compressed",
			Value: func(o *Options) any { return &o.CompressZstd },
		}, {
			Flag: "log-copy-truncate", Field: "copyTruncate",
			Words: "copy and truncate instead of renaming, for writers that never reopen their log",
			Value: func(o *Options) any { return &o.LogCopyTruncate },
		}},
	}
}
