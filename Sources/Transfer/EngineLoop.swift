internal import CCurl

/// The life of an engine's thread. Everything here happens on that thread, but `init` and a `deinit` without `run`.
@safe final class EngineLoop {
    private let multi: MultiHandle
    private let mailbox: EngineMailbox
    private let configuration: TransferConfiguration
    private let sessions: UnsafeMutableRawPointer
    private var flights: [UInt64: Flight] = [:]
    private var lastJudged: Int64 = 0

    init(multi: MultiHandle, mailbox: EngineMailbox, configuration: TransferConfiguration) {
        guard let sessions = unsafe curl_share_init() else { fatalError("out of memory") }
        unsafe self.sessions = unsafe UnsafeMutableRawPointer(sessions)
        self.multi = multi
        self.mailbox = mailbox
        self.configuration = configuration
        _ = unsafe ccurl_share_sessions(sessions)
        let perHost = max(1, configuration.maxConnectionsPerHost)
        let total = max(perHost, configuration.maxConnections)
        _ = unsafe ccurl_multi_set_long(multi.raw, CURLMOPT_PIPELINING, 2)
        _ = unsafe ccurl_multi_set_long(multi.raw, CURLMOPT_MAX_HOST_CONNECTIONS, perHost)
        _ = unsafe ccurl_multi_set_long(multi.raw, CURLMOPT_MAX_TOTAL_CONNECTIONS, total)
        _ = unsafe ccurl_multi_set_long(multi.raw, CURLMOPT_MAXCONNECTS, total)
    }

    deinit {
        _ = mailbox.close()
        flights = [:]
        _ = unsafe curl_multi_cleanup(multi.raw)
        _ = unsafe curl_share_cleanup(sessions)
    }

    func run() {
        while obeyOrders() {
            var running: Int32 = 0
            _ = unsafe curl_multi_perform(multi.raw, &running)
            landFinished()
            judge()
            var events: Int32 = 0
            // The clocks of flights are looked at ten times a second; an idle engine sleeps.
            let patience: Int32 = flights.isEmpty ? 60_000 : 100
            _ = unsafe curl_multi_poll(multi.raw, nil, 0, patience, &events)
        }
        for case .start(let departure) in mailbox.close() { departure.channel.finish(.failed(.cancelled)) }
        for flight in flights.values { land(flight, .failed(.cancelled)) }
    }

    /// `false` when one of the orders was to stop.
    private func obeyOrders() -> Bool {
        var goesOn = true
        for order in mailbox.takeOrders() {
            switch order {
            case .start(let departure): depart(departure)
            case .resume(let number): if let flight = flights[number] { resume(flight) }
            case .cancel(let number): if let flight = flights[number] { land(flight, .failed(.cancelled)) }
            case .stop: goesOn = false
            }
        }
        return goesOn
    }

    private func depart(_ departure: EngineMailbox.Departure) {
        // Cancelled before it began.
        guard !departure.channel.hasEnded else { return }
        let flight = Flight(departure)
        do throws(TransferError) {
            try unsafe flight.prepare(configuration, sessions: sessions)
        } catch {
            departure.channel.finish(.failed(error))
            return
        }
        flights[departure.number] = flight
        let status = unsafe curl_multi_add_handle(multi.raw, flight.easy)
        if status != CURLM_OK {
            flights[departure.number] = nil
            departure.channel.finish(.failed(.failed(code: Int(status.rawValue), "the transfer cannot be added")))
        }
    }

    private func resume(_ flight: Flight) {
        flight.wasResumed()
        let status = unsafe ccurl_unpause(flight.easy)
        // A callback that refused the kept bytes ends the transfer here; curl would not tell again.
        if status != CURLE_OK { land(flight, flight.end(for: status)) }
    }

    private func landFinished() {
        var easy: UnsafeMutableRawPointer?
        var status = CURLE_OK
        while unsafe ccurl_next_finished(multi.raw, &easy, &status) != 0 {
            let found = flights.values.first { unsafe $0.easy == easy }
            if let found { land(found, found.end(for: status)) }
        }
    }

    /// Ends the flights whose time has run out.
    private func judge() {
        let now = ccurl_milliseconds()
        guard now - lastJudged >= 50 else { return }
        lastJudged = now
        for flight in flights.values {
            if let error = flight.overdue(at: now) { land(flight, .failed(error)) }
        }
    }

    private func land(_ flight: Flight, _ end: TransferChannel.End) {
        _ = unsafe curl_multi_remove_handle(multi.raw, flight.easy)
        flights[flight.number] = nil
        flight.channel.finish(end)
    }
}
