using AudioMLNet.Benchmarks.Models;
using Microsoft.ML.AudioTransformers;

namespace AudioMLNet.Benchmarks.Training;

/// <summary>The processes that train a model, ours and a plain PyTorch loop's where a Python has torch.</summary>
internal sealed class TrainingSides : IDisposable
{
    private readonly PeerProcess? _peer;

    /// <param name="name">The model's name in reports.</param>
    /// <param name="type">What it multiplies in.</param>
    /// <param name="batch">Clips of a step.</param>
    public TrainingSides(string name, string type, int batch)
    {
        TrainedModel model = TrainedModel.Of(name);
        Own = PeerProcess.Own(TrainingWorker.Command, name, type, $"{batch}");
        (string Name, PeerProcess Process)? peer = ModelPeer.Training(type, batch, model.Loss, model.Peer);
        PeerName = peer?.Name;
        _peer = peer?.Process;

        // The first step makes the optimizer's states.
        Own.Time(ModelPeer.Run);
        _peer?.Time(ModelPeer.Run);
    }

    public PeerProcess Own { get; }

    /// <summary>What the plain loop is called.</summary>
    public string? PeerName { get; }

    public double? PeerPeakMegabytes => _peer?.PeakMegabytes();

    /// <summary>Seconds of a step of ours, of the peer where there is one, and of further processes, in turns.</summary>
    public Spread[] InTurns(int most, TimeSpan limit, params IEnumerable<PeerProcess> others)
    {
        IEnumerable<PeerProcess> sides = _peer is null ? [Own, .. others] : [Own, _peer, .. others];
        return Turns.Take(
            most, limit, [.. sides.Select<PeerProcess, Func<double>>(side => () => side.Time(ModelPeer.Run))]);
    }

    public void Dispose()
    {
        Own.Dispose();
        _peer?.Dispose();
    }
}
