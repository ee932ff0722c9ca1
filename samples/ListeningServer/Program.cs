using ListeningServer;

// A server that listens: recordings by POST, microphones by WebSocket, answers as JSON lines. See README.md.
//   dotnet run --project samples/ListeningServer -- --Listening:Models:words=words.zip --urls http://127.0.0.1:5080
WebApplication app = Server.Create(args);
await app.RunAsync();
