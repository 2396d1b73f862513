internal import ArgumentParser
internal import Core
internal import Registry

/// How much clients may take of a server.
struct ClientOptions: ParsableArguments {
    @Option(name: .customLong("connection-limit"), help: "Connections at once; more wait to be taken.")
    var connections = RegistryConfiguration.Limits().connections

    @Option(
        name: .customLong("stall-limit"),
        help: "Seconds that a client may do nothing in the middle of an upload or a download."
    )
    var stall = RegistryConfiguration.Limits().stallSeconds

    func apply(to limits: inout RegistryConfiguration.Limits) throws(Problem) {
        let given = [("--connection-limit", Int64(connections), 100_000), ("--stall-limit", stall, 86_400)]
        for (option, value, most) in given where !(1...Int64(most)).contains(value) {
            throw Problem(
                .usageInvalid,
                subject: "\(option) \(value)",
                summary: "is not between 1 and \(most)",
                remedy: "Give a number between them, or leave the option away."
            )
        }
        limits.connections = connections
        limits.stallSeconds = stall
    }
}
