//! Rules that read inputs and decide: path resolution, the loaders, scripts.
