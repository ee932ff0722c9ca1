using System.Runtime.CompilerServices;
using Microsoft.ML.AudioTransformers;

// Public types that were in this assembly before Microsoft.ML.AudioTransformers.Onnx shared them.
[assembly: TypeForwardedTo(typeof(AudioEmbeddingKind))]
[assembly: TypeForwardedTo(typeof(ClassMapping))]
[assembly: TypeForwardedTo(typeof(EventDecodingOptions))]
[assembly: TypeForwardedTo(typeof(MedianFilterBoundary))]
[assembly: TypeForwardedTo(typeof(SoundEvent))]
[assembly: TypeForwardedTo(typeof(StreamedWindow))]
[assembly: TypeForwardedTo(typeof(StreamedWindowReceiver))]
[assembly: TypeForwardedTo(typeof(StreamingClassifier))]
[assembly: TypeForwardedTo(typeof(StreamingSoundEventDetector))]
