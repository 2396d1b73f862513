internal import Synchronization

/// How far one reader of a shared download has come.
final class ReadingPlace: Sendable {
    private let place = Atomic<Int64>(0)

    var offset: Int64 { place.load(ordering: .relaxed) }

    func advance(by count: Int) { place.add(Int64(count), ordering: .relaxed) }
}
