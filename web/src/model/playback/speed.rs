//! How fast virtual time passes while playing.

/// As a fraction of real time, slowest first, with their names.
pub const SPEEDS: [(f64, &str); 13] = [
    (0.01, "1/100×"),
    (0.02, "1/50×"),
    (0.05, "1/20×"),
    (0.1, "0.1×"),
    (0.25, "0.25×"),
    (0.5, "0.5×"),
    (1.0, "1×"),
    (2.0, "2×"),
    (5.0, "5×"),
    (10.0, "10×"),
    (20.0, "20×"),
    (50.0, "50×"),
    (100.0, "100×"),
];
/// Where a visitor begins: slow enough to follow a message of a few tens of milliseconds.
pub const FIRST_SPEED: usize = 2;
