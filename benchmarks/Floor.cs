namespace AudioMLNet.Benchmarks;

/// <summary>What a measurement has to reach, and how it is read from the row.</summary>
/// <param name="Kind">How it is read.</param>
/// <param name="Limit">The least, or of <see cref="FloorKind.Share"/> and <see cref="FloorKind.AtMost"/> the most.</param>
internal sealed record Floor(FloorKind Kind, double Limit)
{
    /// <summary>Here this many times as fast as the peer, of rows in seconds.</summary>
    public static Floor Faster(double times) => new(FloorKind.Faster, times);

    /// <summary>Here this many times as much as beside it, of rates.</summary>
    public static Floor Times(double times) => new(FloorKind.Times, times);

    /// <summary>Here at most this part of what is beside it.</summary>
    public static Floor Share(double part) => new(FloorKind.Share, part);

    /// <summary>Here at most this much, in the row's unit.</summary>
    public static Floor AtMost(double value) => new(FloorKind.AtMost, value);

    /// <summary>What a row reaches; null where it has no peer and needs one.</summary>
    public double? Reached(Spread value, Spread? peer) => Kind switch
    {
        FloorKind.AtMost => value.Median,
        _ when peer is null => null,
        FloorKind.Faster => peer.Median / value.Median,
        _ => value.Median / peer.Median,
    };

    /// <summary>Whether that is enough.</summary>
    public bool IsMet(double reached) =>
        Kind is FloorKind.Share or FloorKind.AtMost ? reached <= Limit : reached >= Limit;

    /// <summary>For the table: "3.1 of 3, met".</summary>
    public string Describe(double reached)
    {
        string most = Kind is FloorKind.Share or FloorKind.AtMost ? "at most " : "";
        return $"{Spread.Digits(reached)} of {most}{Spread.Digits(Limit)}, {(IsMet(reached) ? "met" : "missed")}";
    }
}

/// <summary>How a floor is read from a row.</summary>
internal enum FloorKind
{
    /// <summary>The peer's seconds over those here.</summary>
    Faster,

    /// <summary>The rate here over that beside it, at least.</summary>
    Times,

    /// <summary>The amount here over that beside it, at most.</summary>
    Share,

    /// <summary>The amount here, at most.</summary>
    AtMost,
}
