//! What will happen, in order: by time, then urgency, then the order in which it was noted.
