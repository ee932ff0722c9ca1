#nullable disable warnings
#pragma warning disable CA1822, CA2227, CA1000, CS0067, CS8618 // made to have signatures, not to be called

namespace AudioMLNet.AutoML.StandIn.Tests.ApiFixture;

/// <summary>Everything that a public API can be made of, for the tests of what writes and compares one.</summary>
public interface IShape<T>
    where T : class, new()
{
    /// <summary/>
    event EventHandler<EventArgs> Changed;

    /// <summary/>
    T this[int index, string name] { get; set; }

    /// <summary/>
    void Measure(ref T first, out int[,] second, in double third);
}

/// <summary/>
public enum Colour : long
{
    /// <summary/>
    Red = 1,

    /// <summary/>
    Blue = -4,
}

/// <summary/>
public delegate TResult Maker<in T, out TResult>(T from, params object[] rest)
    where T : struct;

/// <summary/>
public abstract class Outer<TKey> : IDisposable, IEquatable<Outer<TKey>>
{
    /// <summary/>
    public const string Name = "outer";

    /// <summary/>
    public static readonly float[][] Table = [];

    /// <summary/>
    protected internal readonly int? Count;

    /// <summary/>
    protected Outer(TKey key, IReadOnlyList<Dictionary<string, TKey[]>> lists = null!)
    {
    }

    internal Outer()
    {
    }

    /// <summary/>
    public (int Left, TKey Right) Pair { get; protected set; }

    /// <summary/>
    public bool Hidden { get; private set; }

    internal string? Secret { get; set; }

    /// <summary/>
    public static implicit operator Outer<TKey>(string text) => throw new NotSupportedException(text);

    /// <summary/>
    public static explicit operator int(Outer<TKey> outer) => 0;

    /// <summary/>
    public static Outer<TKey> operator +(Outer<TKey> left, Outer<TKey> right) => left;

    /// <summary/>
    public abstract TResult Visit<TResult, TState>(Func<TKey, TState, TResult> visitor, TState? state = default)
        where TResult : IShape<List<string[]>>, IDisposable
        where TState : struct;

    /// <summary/>
    public void Defaults(
        double rate = 1e-8,
        float most = float.PositiveInfinity,
        Colour colour = Colour.Blue,
        char separator = '\t',
        bool yes = true,
        long? missing = null,
        CancellationToken cancellation = default,
        string text = "a, b")
    {
    }

    /// <summary/>
    public unsafe void Native(byte* bytes, IntPtr handle, nint size)
    {
    }

    /// <summary/>
    public bool Equals(Outer<TKey>? other) => false;

    /// <summary/>
    public override bool Equals(object? obj) => false;

    /// <summary/>
    public sealed override int GetHashCode() => 0;

    /// <summary/>
    public void Dispose() => GC.SuppressFinalize(this);

    /// <summary/>
    protected virtual void Dispose(bool disposing)
    {
    }

    private protected void Inside()
    {
    }

    /// <summary/>
    public sealed class Inner<TValue>
    {
        /// <summary/>
        public Dictionary<TKey, TValue>.KeyCollection Keys(Inner<TValue[]> other) => throw new NotSupportedException();
    }

    /// <summary/>
    protected struct Bare
    {
        /// <summary/>
        public ulong Low;
    }
}

/// <summary/>
public static class Extensions
{
    /// <summary/>
    public static ReadOnlySpan<T> Second<T>(this Outer<T>.Inner<int> inner, params long[] sizes) => default;
}
