//! A server that misbehaves on a real connection: which error that is, what is tried again and how
//! often, and that neither the error comes late nor the memory grows.

mod script;
