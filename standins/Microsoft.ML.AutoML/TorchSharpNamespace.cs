namespace Microsoft.ML.TorchSharp;

/// <summary>
/// The package brings ML.NET's own TorchSharp trainers with it. Their namespace makes the name <c>TorchSharp</c> mean
/// another thing wherever <c>Microsoft.ML</c> encloses the code; so it does here.
/// </summary>
internal static class TorchSharpNamespace;
