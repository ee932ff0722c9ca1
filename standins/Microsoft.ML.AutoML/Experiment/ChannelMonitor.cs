using Microsoft.ML.Runtime;

namespace Microsoft.ML.AutoML;

/// <summary>Reports trials where an experiment over a pipeline has no other monitor.</summary>
internal sealed class ChannelMonitor(IChannel channel) : IMonitor
{
    public void ReportRunningTrial(TrialSettings settings) => Info($"Update Running Trial - Id: {settings.TrialId}");

    public void ReportCompletedTrial(TrialResult result) => Info(
        $"Update Completed Trial - Id: {result.TrialSettings.TrialId} - Metric: {result.Metric}"
        + $" - Duration: {result.DurationInMilliseconds}");

    public void ReportBestTrial(TrialResult result) =>
        Info($"Update Best Trial - Id: {result.TrialSettings.TrialId} - Metric: {result.Metric}");

    public void ReportFailTrial(TrialSettings settings, Exception exception = null) =>
        Info($"Update Failed Trial - Id: {settings.TrialId}");

    private void Info(string message) => channel.Info(MessageSensitivity.Unknown, "{0}", message);
}
