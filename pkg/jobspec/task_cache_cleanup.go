package jobspec

// CacheCleanup is a task's name.
const CacheCleanup = "cache-cleanup"

// CacheCleanupParameters are the task's settings.
type CacheCleanupParameters struct {
	MaxCacheSizeGB float64
	MaxAgeDays     int
}

func cacheCleanup() Task {
	return Task{
		Name: CacheCleanup, Aliases: []string{"cache_cleanup"},
		Access:   Deletes,
		Summary:  "delete old cache files, then the oldest down to the size limit",
		Interval: "daily",
		Folders:  []string{"cache-dir"}, NeedsFolder: true,
		Counts: []string{"filesScanned", "filesDeleted", "bytesFreed", "bytesKept"},
		Parameters: []Parameter{{
			Flag: "max-cache-size-gb", Field: "maxSize", ConfigKey: "max_cache_size_gb",
			Default: "10", Unit: GiB, Most: maxGigabytes,
			Words: "the size to which all cache folders together shrink",
			Value: func(o *Options) any { return &o.MaxCacheSizeGB },
		}, {
			Flag: "max-age-days", Field: "maxAgeDays", ConfigKey: "max_age_days",
			Default: "30", Most: maxDays,
			Words: "the number of days without use after which a file is deleted, whatever the size",
			Value: func(o *Options) any { return &o.MaxAgeDays },
		}},
	}
}
