internal import Manifest

extension RunReport.Attempt {
    /// `connect to 1.1.1.1:443 by python3 a.py (process 12), 3×`
    var words: String {
        let place = destination.isEmpty ? "" : " to \(destination)"
        let who = asked.command.map { " by \($0.prefix(80))" } ?? ""
        let number = asked.pid.map { " (process \($0))" } ?? ""
        return "\(what)\(place)\(who)\(number), \(count)×"
    }
}

extension Outcome {
    /// What was tried to get round us, and was held back; the report has all.
    var heldBack: [Line] {
        let all = papers.report.attempts
        // Programs ask for one to look up a name, or only to see which addresses there are.
        let plain = all.filter { $0.what == "datagram socket" }.reduce(0) { $0 + $1.count }
        let told = all.filter { $0.what != "datagram socket" }
        let more = told.count > 10 ? ["and \(told.count - 10) more, see the run report"] : []
        let datagrams = plain > 0 ? ["\(plain) socket\(plain == 1 ? "" : "s") for datagrams, see the run report"] : []
        return (told.prefix(10).map(\.words) + more + datagrams).map { Line("  held back \($0)", .doubtful) }
    }
}
