import Logging

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The sixteen points of the compass, clockwise from north.
let points = ["N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"]

guard CommandLine.arguments.count == 2, let degrees = Double(CommandLine.arguments[1]), degrees.isFinite else {
    Logger(label: "bearing").error("usage: bearing DEGREES")
    exit(2)
}
let turned = degrees.truncatingRemainder(dividingBy: 360)
print(points[Int(((turned < 0 ? turned + 360 : turned) / 22.5).rounded()) % 16])
