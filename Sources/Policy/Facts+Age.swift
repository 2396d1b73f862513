internal import Core

extension Facts {
    /// Seconds since a time that somebody wrote down; negative for one in the future.
    func age(of time: Timestamp) throws(Undecidable) -> Int64 { try seconds(from: time, to: now) }

    func seconds(from start: Timestamp, to end: Timestamp) throws(Undecidable) -> Int64 {
        let (seconds, overflow) = end.seconds.subtractingReportingOverflow(start.seconds)
        guard !overflow else {
            throw Undecidable(
                what: "has a date that cannot be reckoned with",
                evidence: "from second \(start.seconds) to second \(end.seconds) since 1970"
            )
        }
        return seconds
    }
}
