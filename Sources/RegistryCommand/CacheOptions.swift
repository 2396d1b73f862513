internal import ArgumentParser
internal import Core
internal import Registry

/// How much is kept of what was fetched from public indexes.
struct CacheOptions: ParsableArguments {
    @Option(name: .customLong("cache-limit"), help: "MiB that are kept of what was fetched from public indexes.")
    var mebibytes = Administration.cacheLimit >> 20

    var bytes: Int64 {
        get throws(Problem) {
            guard (0...1 << 40).contains(mebibytes) else {
                throw Problem(
                    .usageInvalid,
                    subject: "--cache-limit \(mebibytes)",
                    summary: "is no size that a disk has",
                    remedy: "Give MiB, such as 10240 for 10 GiB."
                )
            }
            return mebibytes << 20
        }
    }
}
