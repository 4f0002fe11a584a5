"""Benchmarks: `prolong bench NAME`. A frame (cells that resume, pinned threads, goals), one folder a benchmark."""
