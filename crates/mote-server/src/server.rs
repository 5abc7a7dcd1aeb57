//! Two listeners on one router: public for what triggers declare, admin for everything.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use mote_engine::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::http::{self, Front};

/// How long calls that were accepted may take to finish when the process is asked to end.
const DRAIN: Duration = Duration::from_secs(10);

/// Where to listen. Port 0 means any that is free.
#[derive(Clone, Copy, Debug)]
pub struct Listen {
    /// The routes that triggers declare.
    pub public: SocketAddr,
    /// `POST /call/<name>`, health, releases. For people who run the system: keep it on loopback.
    pub admin: SocketAddr,
}

/// Why an address cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}")]
pub struct ListenError {
    /// The address.
    pub address: SocketAddr,
    /// What the system says.
    pub source: std::io::Error,
}

/// Listeners that are bound but do not answer yet.
pub struct Server<R> {
    front: Arc<Front<R>>,
    public: TcpListener,
    admin: TcpListener,
}

impl<R: Router + 'static> Server<R> {
    /// Bind both listeners. Nothing is answered before [`Server::run`].
    pub async fn bind(front: Arc<Front<R>>, listen: Listen) -> Result<Server<R>, ListenError> {
        let bind = async |address| {
            TcpListener::bind(address).await.map_err(|source| ListenError { address, source })
        };
        Ok(Server { front, public: bind(listen.public).await?, admin: bind(listen.admin).await? })
    }

    /// The addresses that are listened on: public, admin.
    pub fn addresses(&self) -> std::io::Result<(SocketAddr, SocketAddr)> {
        Ok((self.public.local_addr()?, self.admin.local_addr()?))
    }

    /// Answer until `end` turns true, then finish what was accepted. Connections that do not end
    /// within ten seconds are cut.
    pub async fn run(self, end: watch::Receiver<bool>) {
        let public = axum::serve(self.public, http::public(self.front.clone()))
            .with_graceful_shutdown(ended(end.clone()));
        let admin =
            axum::serve(self.admin, http::admin(self.front)).with_graceful_shutdown(ended(end.clone()));
        let both = async { tokio::join!(public.into_future(), admin.into_future()) };
        let cut = async {
            ended(end).await;
            tokio::time::sleep(DRAIN).await;
        };
        tokio::select! {
            _ = both => {}
            () = cut => {}
        }
    }
}

async fn ended(mut end: watch::Receiver<bool>) {
    // A sender that is gone can no longer say that the end has come, so this is it.
    let _ = end.wait_for(|ended| *ended).await;
}
