internal import CFuzzer
internal import Exercise

#if canImport(Darwin)
    internal import Darwin
#else
    internal import Glibc
#endif

/// Looks for bytes that break the promises of one reader: `FUZZ_TARGET=npm Fuzzer [what libFuzzer takes]`. Without a target
/// it prints the names of all. Built by scripts/fuzz.sh alone, with libFuzzer beside it.
@main enum Fuzzer {
    private static let exercise = Exercise.all.first { $0.name == named("FUZZ_TARGET") }

    static func main() {
        guard exercise != nil else {
            for exercise in Exercise.all { print("\(exercise.name)\t\(exercise.promise)") }
            exit(named("FUZZ_TARGET") == nil ? 0 : 2)
        }
        var count = CommandLine.argc
        var words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv
        let status = unsafe LLVMFuzzerRunDriver(&count, &words) { bytes, length in
            Fuzzer.visit(unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: length)))
            return 0
        }
        exit(status)
    }

    private static func visit(_ bytes: [UInt8]) {
        let broken = exercise?.run(bytes) ?? []
        guard broken.isEmpty else { fatalError(broken.map { "broken: \($0)" }.joined(separator: "\n")) }
    }

    private static func named(_ variable: String) -> String? {
        guard let value = unsafe getenv(variable) else { return nil }
        return unsafe String(cString: value)
    }
}
