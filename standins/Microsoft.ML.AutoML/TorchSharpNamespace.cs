namespace Microsoft.ML.TorchSharp;

/// <summary>
/// Microsoft.ML.AutoML depends on Microsoft.ML.TorchSharp, whose namespace makes the name <c>TorchSharp</c> mean another
/// thing wherever <c>Microsoft.ML</c> encloses the code. So it is here: code that compiles on the stand-in compiles on the
/// package.
/// </summary>
internal static class TorchSharpNamespace;
