internal import Isolation
internal import Kernel

/// The child that a session starts to prove that its environment leads to us. Not for people.
public enum CanaryVerb {
    public static func perform() -> Never { Spare.work { await ask() } }

    /// Reads its orders from standard input: the address, then variables, with zero bytes between.
    private static func ask() async -> Int32 {
        let orders = StandardStreams.input(limit: 1 << 20).split(separator: 0).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard let url = orders.first else { return 2 }
        var environment: [String: String] = [:]
        for order in orders.dropFirst() {
            guard let sign = order.firstIndex(of: "=") else { continue }
            environment[String(order[..<sign])] = String(order[order.index(after: sign)...])
        }
        let words = url.split(separator: " ", maxSplits: 1).map(String.init)
        let tier = words.count > 1 ? Tier(rawValue: words[0]) : nil
        let (answer, error) =
            if let tier { await SealedCanary.ask(words[1], environment: environment, in: tier) } else {
                await Canary.ask(url, environment: environment)
            }
        guard let answer else {
            StandardStreams.error(Array((error + "\n").utf8))
            return 1
        }
        StandardStreams.output(answer)
        return 0
    }
}
