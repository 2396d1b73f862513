internal import Kernel

/// The child that a session starts to prove that its environment leads to us. Not for people.
public enum CanaryVerb {
    public static func perform(_ url: String, environment: [String: String]) async -> Int32 {
        let (answer, error) = await Canary.ask(url, environment: environment)
        guard let answer else {
            StandardStreams.error(Array((error + "\n").utf8))
            return 1
        }
        StandardStreams.output(answer)
        return 0
    }
}
