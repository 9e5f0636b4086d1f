//! What is kept, for those who look after it: sizes, damage, what is removed first.
