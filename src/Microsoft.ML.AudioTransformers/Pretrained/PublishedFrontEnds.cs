using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Models;

namespace Microsoft.ML.AudioTransformers.Pretrained;

/// <summary>Front ends of published files, by the names that the list of them has.</summary>
internal static class PublishedFrontEnds
{
    /// <summary>Creates a front end.</summary>
    /// <param name="name">A name of the list.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is none of that name.</exception>
    public static LogMelOptions Create(string name) => name switch
    {
        "passt-10s" => PasstDescription.Published(hop: 320, seconds: 10),
        "passt-10s-hop160" => PasstDescription.Published(hop: 160, seconds: 10),
        "passt-10s-hop100" => PasstDescription.Published(hop: 100, seconds: 10),
        "passt-20s" => PasstDescription.Published(hop: 320, seconds: 20),
        "passt-30s" => PasstDescription.Published(hop: 320, seconds: 30),
        "passt-5s" => PasstDescription.Published(hop: 320, seconds: 5),
        "ast-audioset" => LogMelOptions.CreateAst(),
        "ast-speechcommands" => AstOptions.SpeechCommands().FrontEnd!,
        "htsat-32k" => LogMelOptions.CreateHtsAt(),
        "htsat-48k" => LogMelOptions.CreateHtsAt(48000),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no front end of that name."),
    };
}
