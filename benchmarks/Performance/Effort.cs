namespace AudioMLNet.Benchmarks.Performance;

/// <summary>How often the sides of a row take turns.</summary>
/// <param name="Runs">Turns at most.</param>
/// <param name="Limit">After how much time no further turn begins; there are two at least.</param>
internal sealed record Effort(int Runs, TimeSpan Limit)
{
    /// <summary>For numbers that are to be kept.</summary>
    public static Effort Whole { get; } = new(7, TimeSpan.FromSeconds(75));

    /// <summary>To see that a part runs.</summary>
    public static Effort Quick { get; } = new(2, TimeSpan.Zero);

    /// <summary>Whether little is measured.</summary>
    public bool IsQuick => this == Quick;

    /// <summary>Seconds of a run of each side.</summary>
    public Spread[] Take(params IReadOnlyList<PeerProcess> sides) => Turns.Take(
        Runs, Limit, [.. sides.Select<PeerProcess, Func<double>>(side => () => side.Time(Models.ModelPeer.Run))]);

    /// <summary>Seconds of a run of each side that follows one of its own: that finds the other sides' numbers in the caches.</summary>
    public Spread[] TakeWarm(params IReadOnlyList<PeerProcess> sides) => Turns.Take(
        Runs,
        Limit,
        [
            .. sides.Select<PeerProcess, Func<double>>(side => () =>
            {
                side.Time(Models.ModelPeer.Run);
                return side.Time(Models.ModelPeer.Run);
            }),
        ]);
}
