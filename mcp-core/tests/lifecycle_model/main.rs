//! Every state that a connection can reach, with everything that can happen there: the transition
//! table by itself, the server's engine, and the client's.

mod client;
mod server;
mod table;
