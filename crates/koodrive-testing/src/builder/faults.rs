//! Which replies the test changes.

use crate::builder::AlbumServerBuilder;
use crate::replies::fault::Fault;
use crate::requests::route::Call;

impl AlbumServerBuilder {
    /// Answers one list request with `fault`, whatever the request contains.
    ///
    /// `request_number` counts the list requests received, from 0, including retries. A second fault
    /// for the same request replaces the first.
    pub fn fault(self, request_number: usize, fault: Fault) -> Self {
        self.add_faults(Call::List, [request_number], fault)
    }

    /// Answers several list requests with the same [`fault`](Self::fault): `3..6` is an outage of three
    /// requests.
    pub fn faults(self, request_numbers: impl IntoIterator<Item = usize>, fault: Fault) -> Self {
        self.add_faults(Call::List, request_numbers, fault)
    }

    /// Answers one refresh request with `fault`, whatever the request contains. Unless it starts from the
    /// server's [own reply](Fault::own_reply), no token is issued, and the refresh token does not change.
    ///
    /// `request_number` counts the refresh requests received, from 0. A second fault for the same
    /// request replaces the first.
    pub fn refresh_fault(self, request_number: usize, fault: Fault) -> Self {
        self.add_faults(Call::Refresh, [request_number], fault)
    }

    /// Answers one request for the list of albums with `fault`, whatever the request contains.
    ///
    /// `request_number` counts these requests, from 0, including retries. A second fault for the same
    /// request replaces the first.
    pub fn album_list_fault(self, request_number: usize, fault: Fault) -> Self {
        self.add_faults(Call::Albums, [request_number], fault)
    }

    /// Answers one login with `fault`, whatever the request contains. No session begins, unless it starts from the
    /// server's [own reply](Fault::own_reply).
    ///
    /// `request_number` counts the logins received, from 0. A second fault for the same request replaces
    /// the first.
    pub fn login_fault(self, request_number: usize, fault: Fault) -> Self {
        self.add_faults(Call::Login, [request_number], fault)
    }

    /// Answers one logout with `fault`, whatever the request contains. No session ends, unless it starts from the
    /// server's [own reply](Fault::own_reply).
    ///
    /// `request_number` counts the logouts received, from 0. A second fault for the same request replaces
    /// the first.
    pub fn logout_fault(self, request_number: usize, fault: Fault) -> Self {
        self.add_faults(Call::Logout, [request_number], fault)
    }

    fn add_faults(
        mut self,
        call: Call,
        request_numbers: impl IntoIterator<Item = usize>,
        fault: Fault,
    ) -> Self {
        let numbers = request_numbers.into_iter();
        let faults = numbers.map(|number| ((call, number), fault.clone()));
        self.script.faults.extend(faults);
        self
    }

    /// Changes the storage's reply to one request, or replaces it.
    ///
    /// `request_number` counts the requests to the storage, from 0, including retries. A second fault for
    /// the same request replaces the first.
    pub fn download_fault(self, request_number: usize, fault: Fault) -> Self {
        self.download_faults([request_number], fault)
    }

    /// The same [`download_fault`](Self::download_fault) for several requests.
    pub fn download_faults(
        self,
        request_numbers: impl IntoIterator<Item = usize>,
        fault: Fault,
    ) -> Self {
        self.add_faults(Call::Download, request_numbers, fault)
    }
}
