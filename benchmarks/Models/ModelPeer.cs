namespace AudioMLNet.Benchmarks.Models;

/// <summary>A plain PyTorch model in a process of its own, which scores or trains when it is asked to.</summary>
internal static class ModelPeer
{
    public const string Float32 = "float32";
    public const string BFloat16 = "bfloat16";

    /// <summary>A request to score or take a step once.</summary>
    public const string Run = "run";

    private const string Autocast = "autocast";
    private const string Script = "Models/model_peers.py";

    /// <summary>
    /// One that scores clip by clip, or null where no Python has torch or no plain model is of this family; in bfloat16 with all
    /// weights in it or by autocast, whichever is faster here.
    /// </summary>
    /// <param name="type">The type.</param>
    /// <param name="sizes">The model, or null, see <see cref="PeerSizes.Of"/>.</param>
    public static (string Name, PeerProcess Process)? Scoring(string type, string[]? sizes)
    {
        if (sizes is null)
        {
            return null;
        }

        (string, PeerProcess)? whole = Start(["score", type, "1", "-", .. sizes], $"PyTorch {type}");
        if (type == Float32 || whole is not (_, { } wholeProcess))
        {
            return whole;
        }

        (string, PeerProcess)? cast = Start(["score", Autocast, "1", "-", .. sizes], $"PyTorch {Autocast}");
        if (cast is not (_, { } castProcess))
        {
            return whole;
        }

        bool isCastFaster = Warm(castProcess) < Warm(wholeProcess);
        (isCastFaster ? wholeProcess : castProcess).Dispose();
        return isCastFaster ? cast : whole;
    }

    /// <summary>
    /// One that trains, in bfloat16 by autocast; null where no Python has torch or no plain model is of this family.
    /// </summary>
    /// <param name="type">The type.</param>
    /// <param name="batch">Clips of a step.</param>
    /// <param name="loss"><c>bce</c> or <c>ce</c>.</param>
    /// <param name="sizes">The model, or null, see <see cref="PeerSizes.Of"/>.</param>
    /// <param name="environment">Variables of the environment in place of the best ones, or null.</param>
    public static (string Name, PeerProcess Process)? Training(
        string type, int batch, string loss, string[]? sizes, IReadOnlyDictionary<string, string>? environment = null)
    {
        string how = type == BFloat16 ? Autocast : type;
        return sizes is null
            ? null
            : Start(["train", how, $"{batch}", loss, .. sizes], $"PyTorch {how}", environment);
    }

    private static (string, PeerProcess)? Start(
        string[] arguments, string name, IReadOnlyDictionary<string, string>? environment = null)
    {
        PythonPeer? process = environment is null
            ? PythonPeer.Start(Script, arguments)
            : PythonPeer.StartWith(environment, Script, arguments);
        return process is null ? null : (name, process);
    }

    private static double Warm(PeerProcess process)
    {
        process.Time(Run);
        return process.Time(Run);
    }
}
