"""Load every table of a directory with Hugging Face's `datasets`: `load_datasets.py DIRECTORY CACHE`."""

import json
import sys

import datasets

if __name__ == "__main__":
    directory, cache = sys.argv[1:]
    found = {
        name: datasets.load_dataset(directory, name, cache_dir=cache)["train"].to_list()
        for name in datasets.get_dataset_config_names(directory)
    }
    default = datasets.load_dataset(directory, cache_dir=cache)["train"].to_list()
    print(json.dumps({"tables": found, "default": default}, default=str))
