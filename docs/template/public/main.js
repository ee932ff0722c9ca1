export default {
  // A block without a language is C# or a command: no guess of any other.
  configureHljs: hljs => hljs.configure({ languages: ['csharp'] }),
}
