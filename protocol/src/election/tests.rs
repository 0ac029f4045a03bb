//! Stories of elections.
